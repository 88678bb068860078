/** A deliberate fault, and the proof that must notice it. */
export interface Mutation {
  readonly title: string;
  readonly file: string;
  /** Stands in the file exactly once… */
  readonly original: string;
  /** …and is replaced by this. */
  readonly broken: string;
  /** The test file that must fail on the broken code. */
  readonly proof: string;
}

const LOG = 'packages/server/src/log/segments';

/** The faults that would cost events in silence. A proof that lets one of them pass proves nothing. */
export const MUTATIONS: readonly Mutation[] = [
  {
    title: 'no sync',
    file: `${LOG}/segment-writer.ts`,
    original: '    storage.sync(name);\n    if (isNew) storage.syncNames();\n    this.#keep(sealed);',
    broken: '    this.#keep(sealed);',
    proof: `${LOG}/crash-points.test.ts`,
  },
  {
    title: 'answer before sync',
    file: `${LOG}/segment-log.ts`,
    original: 'const committed = await this.#writer.commit(',
    broken: 'result.resolve(STORED);\n      const committed = await this.#writer.commit(',
    proof: `${LOG}/crash-points.test.ts`,
  },
  {
    title: 'position committed before delivery',
    file: 'packages/server/src/router/lane/window.ts',
    original: 'this.#position = first?.position ?? this.#reached;',
    broken: 'this.#position = this.#reached;',
    proof: 'packages/server/src/router/router.test.ts',
  },
  {
    title: 'no checksum',
    file: `${LOG}/record-walk.ts`,
    original: 'if (!contentIsWhole(bytes, offset, header))',
    broken: 'if (!contentIsWhole(bytes, offset, header) && header.length === 0)',
    proof: `${LOG}/damage.test.ts`,
  },
];
