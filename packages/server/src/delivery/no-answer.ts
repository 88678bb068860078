/** Told where a receiver gave no answer that can be read. Its message is the reason, in words for people. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}
