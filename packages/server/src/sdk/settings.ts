/** Where SDKs reach the door: `host` with its port and path, but without a scheme or a slash at its end. */
export interface PublicAddress {
  readonly scheme: 'http' | 'https';
  readonly host: string;
}

/** The address of a URL without a slash at its end, or with one. */
export function addressOf(url: string): PublicAddress {
  const { protocol, host, pathname } = new URL(url);
  return { scheme: protocol === 'http:' ? 'http' : 'https', host: host + pathname.replace(/\/$/, '') };
}

/** A name or an address, and a port when there is one: nothing else may get from a request into an answer. */
const HOST = /^(?:[a-z\d][a-z\d.-]{0,252}|\[[a-f\d:.]{2,45}\])(:\d{1,5})?$/i;

/**
 * The address that a request's Host header tells; undefined when it tells none. A host with a port was reached directly,
 * over plain HTTP, which is all that this server speaks. One without a port was reached on 80 or 443, where a proxy
 * stands before us, and pages on https may not talk to http.
 */
export function addressFromHost(host: string | undefined): PublicAddress | undefined {
  const match = host === undefined ? null : HOST.exec(host);
  if (match === null) return undefined;
  const [address, port] = match;
  return { scheme: port === undefined ? 'https' : 'http', host: address };
}

/**
 * What an SDK asks for when it starts: where to send, and what is switched on in the device. It is the same for each
 * source, but for the key. Nothing in it is null, since Kotlin's SDK refuses the whole of it for one null.
 */
export function settingsFor(writeKey: string, { scheme, host }: PublicAddress) {
  const apiHost = `${host}/v1`;
  return {
    integrations: {
      // Any other key makes browsers load code from here, and mobile apps start a plugin.
      'Segment.io': {
        apiKey: writeKey,
        apiHost,
        protocol: scheme,
        versionSettings: { version: '4.4.7', componentTypes: ['browser'] },
        unbundledIntegrations: [],
        maybeBundledConfigIds: {},
        addBundledMetadata: true,
        retryQueue: true,
      },
    },
    plan: {
      track: { __default: { enabled: true, integrations: {} } },
      identify: { __default: { enabled: true } },
      group: { __default: { enabled: true } },
    },
    edgeFunction: {},
    middlewareSettings: { routingRules: [] },
    enabledMiddleware: {},
    // SDKs report on themselves to their maker, unless they are told not to, and to whom instead.
    metrics: { sampleRate: 0, host: apiHost },
    remotePlugins: [],
    legacyVideoPluginsEnabled: false,
    // With false, the consent tools would switch everything off, as no category is consented to when there are none.
    consentSettings: { allCategories: [], hasUnmappedDestinations: true },
    autoInstrumentationSettings: { sampleRate: 0 },
    analyticsNextEnabled: true,
  };
}
