/**
 * Gives the memory of an array back at once; it is empty then. The collector counts objects rather than bytes, and so
 * would leave tens of megabytes lying about: half a million keys are a single object.
 */
export function giveBack(array: Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>): void {
  array.buffer.transfer(0);
}
