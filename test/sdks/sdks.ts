import { analyticsNext } from './clients/analytics-next.ts';
import { analyticsNode } from './clients/analytics-node.ts';
import { analyticsNodeLegacy } from './clients/analytics-node-legacy.ts';
import { rudderAnalyticsJs } from './clients/rudder-analytics-js.ts';
import { rudderSdkNode } from './clients/rudder-sdk-node.ts';
import type { RecordedSdk } from './recorded-sdk.ts';
import { android } from './recordings/android.ts';
import { csharp, dotnet } from './recordings/dotnet.ts';
import { go } from './recordings/go.ts';
import { ios } from './recordings/ios.ts';
import { java } from './recordings/java.ts';
import { kotlin } from './recordings/kotlin.ts';
import { php } from './recordings/php.ts';
import { python, pythonOld } from './recordings/python.ts';
import { reactNative } from './recordings/react-native.ts';
import { ruby } from './recordings/ruby.ts';
import { swift } from './recordings/swift.ts';
import type { Sdk } from './sdk.ts';

/** The real clients that run in this process. */
export const NODE_CLIENTS: readonly Sdk[] = [analyticsNode, analyticsNodeLegacy, rudderSdkNode];

/** Those of other languages. */
export const RECORDED: readonly RecordedSdk[] = [
  python,
  pythonOld,
  ruby,
  php,
  go,
  java,
  dotnet,
  csharp,
  kotlin,
  swift,
  android,
  ios,
  reactNative,
];

/** The real clients that need a browser: the one at this path. */
export function browserClients(executablePath: string): readonly Sdk[] {
  return [analyticsNext(executablePath), rudderAnalyticsJs(executablePath)];
}
