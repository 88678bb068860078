import { expect, test } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { RefusedAddress } from './address-guard.ts';
import { listen } from './delivery.fixture.ts';
import { GuardedConnector } from './guarded-connector.ts';
import { NoAnswer } from './no-answer.ts';

test('a socket that got somewhere else than the look-up said is closed before anything is written to it', async () => {
  const { port, seen } = await listen();
  // It lets the look-up's answer pass, as a broken one would, and knows better when the connection is there.
  const asked: string[] = [];
  const guard = {
    permitsPort: () => true,
    permits: (address: string) => asked.push(address) === 1,
  };
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const connector = new GuardedConnector(systemClock, guard, resolve);
  const told: unknown[] = [];
  const error = await new Promise((failed) => {
    connector.connect(
      { isSecure: false, host: 'receiver.example', port },
      { opened: () => told.push('opened'), received: () => {}, ended: () => {}, failed },
    );
  });
  expect(error).toBeInstanceOf(RefusedAddress);
  expect(asked).toEqual(['127.0.0.1', '127.0.0.1']);
  expect([told, seen]).toEqual([[], []]);
});

test('whoever has a socket is told of its end, even where it closes without a word', async () => {
  const { port } = await listen();
  const guard = { permitsPort: () => true, permits: () => true };
  const connector = new GuardedConnector(systemClock, guard, async () => []);
  const error = await new Promise((failed) => {
    const socket = connector.connect(
      { isSecure: false, host: '127.0.0.1', port },
      { opened: () => socket.destroy(), received: () => {}, ended: () => {}, failed },
    );
  });
  expect(error).toEqual(new NoAnswer('no answer (the connection was closed)'));
});
