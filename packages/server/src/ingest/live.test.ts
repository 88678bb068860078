import { expect, test } from 'vitest';
import { LiveFeed } from '../activity/live-feed.ts';
import type { LogAppender } from '../log/event-log.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { serveDoor } from './door.fixture.ts';

const call = { writeKey: 'server', userId: 'u', event: 'Seen', messageId: 'm' };

test('whoever watches a source sees what the door has stored for it, as soon as the client has its answer', async () => {
  const live = new LiveFeed(new VirtualClock());
  await using door = await serveDoor({ live });
  const watch = live.watch('server');
  await door.post('/v1/track', { ...call, writeKey: 'app', messageId: 'of another source' });
  await door.post('/v1/track', call);
  const { value } = await watch.next();
  expect(value).toMatchObject({ kind: 'accepted', messageId: 'm', type: 'track', name: 'Seen', userId: 'u' });
});

test('what the log refuses is not shown', async () => {
  const live = new LiveFeed(new VirtualClock());
  const full: LogAppender = { append: async () => ({ kind: 'refused', why: 'disk_full' }) };
  await using refusing = await serveDoor({ live, log: full });
  await using door = await serveDoor({ live });
  const watch = live.watch('server');
  await refusing.post('/v1/track', { ...call, messageId: 'refused' });
  await door.post('/v1/track', call);
  expect((await watch.next()).value).toMatchObject({ messageId: 'm' });
});
