import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** One of the programs of this directory, running in a process of its own. Disposing of it ends it. */
export interface Program extends AsyncDisposable {
  /** The first line of its output that matches. Rejects when it ends without one. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts a program of this directory, by its file name without the ending. What it complains of is shown. */
export function startProgram(name: string, ...args: readonly string[]): Program {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const closed = once(child, 'close').finally(() => process.off('exit', killWithUs));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return {
    async line(pattern) {
      for (;;) {
        const found = pattern.exec(output);
        if (found !== null) return found;
        const [ended] = await Promise.race([once(child.stdout, 'data'), closed.then(() => [undefined])]);
        if (ended === undefined && pattern.exec(output) === null) {
          throw new Error(`${name} ended with code ${child.exitCode} before it printed ${pattern}`);
        }
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Starts a program that listens and prints `port N`; resolves with the port. */
export async function startListening(
  name: string,
  ...args: readonly string[]
): Promise<Program & { readonly port: number }> {
  const program = startProgram(name, ...args);
  const [, port] = await program.line(/^port (\d+)$/m);
  return { ...program, port: Number(port) };
}
