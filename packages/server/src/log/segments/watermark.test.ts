import { describe, expect, test } from 'vitest';
import { LocalWatermark } from './local-watermark.ts';
import { SharedWatermark, type Watermark } from './watermark.ts';

const kinds: readonly { name: string; make: () => { writer: Watermark; reader: Watermark } }[] = [
  {
    name: 'shared between threads',
    make() {
      const writer = new SharedWatermark();
      return { writer, reader: new SharedWatermark(writer.shared) };
    },
  },
  {
    name: 'on one thread',
    make() {
      const both = new LocalWatermark();
      return { writer: both, reader: both };
    },
  },
];

describe.each(kinds)('a watermark $name', ({ make }) => {
  test('shows readers what the writer did', () => {
    const { writer, reader } = make();
    writer.openedAt(40);
    writer.keepFrom(10);
    writer.advance(42);
    const { head, first, newest } = reader;
    expect({ head, first, newest }).toEqual({ head: 42, first: 10, newest: 40 });
  });

  test('wakes all who wait when the head moves, and nobody earlier', async () => {
    const { writer, reader } = make();
    let woken = 0;
    const waiting = [1, 2].map(() => reader.moved(0).then(() => (woken += 1)));
    writer.keepFrom(0);
    await new Promise(setImmediate);
    expect(woken).toBe(0);
    writer.advance(1);
    await Promise.all(waiting);
    expect(woken).toBe(2);
  });

  test('lets nobody wait for what has happened already', async () => {
    const { writer, reader } = make();
    writer.advance(5);
    await reader.moved(4);
  });
});
