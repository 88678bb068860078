/** One system call of a traced process. Its two moments are line numbers of the trace, so they can be compared. */
export interface TracedCall {
  readonly name: string;
  /** The arguments as strace prints them, file descriptors with what they stand for. */
  readonly text: string;
  /** When the kernel was asked. */
  readonly began: number;
  /** When the kernel had answered. Infinity when the trace ends before that. */
  readonly ended: number;
  /** What it answered: negative for an error. */
  readonly result: number;
}

/**
 * The calls in a trace that `strace -f -o` wrote, in the order in which they began. A call that another thread's
 * call overtook is printed in two halves (`<unfinished ...>`, `<... resumed>`); here it is one call again.
 * The tracer lets a thread go on only after it has written its line: so the order of lines is the order of causes.
 */
export function tracedCalls(trace: string): readonly TracedCall[] {
  const calls: TracedCall[] = [];
  const unfinished = new Map<string, number>();
  for (const [line, content] of trace.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(content) ?? [];
    const result = Number(/ = (-?\d+)(?: [^"]*)?$/.exec(rest)?.[1] ?? Number.NaN);
    const resumed = /^<\.\.\. \w+ resumed>/.test(rest);
    if (resumed) {
      const index = unfinished.get(thread) ?? -1;
      const begun = calls[index];
      if (begun !== undefined) calls[index] = { ...begun, ended: line, result };
      unfinished.delete(thread);
      continue;
    }
    const [, name, text] = /^(\w+)\((.*)$/.exec(rest) ?? [];
    if (name === undefined || text === undefined) continue;
    if (text.endsWith('<unfinished ...>')) {
      unfinished.set(thread, calls.length);
      calls.push({ name, text, began: line, ended: Number.POSITIVE_INFINITY, result: Number.NaN });
    } else {
      calls.push({ name, text, began: line, ended: line, result });
    }
  }
  return calls;
}

/** The path of the file that a call's first argument, a file descriptor, stands for. Undefined for a socket. */
export function pathOf(call: TracedCall): string | undefined {
  return /^\d+<(\/[^>]*)>/.exec(call.text)?.[1];
}
