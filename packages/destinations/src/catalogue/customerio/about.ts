import type { Limits, Trouble } from '../../kit/destination.ts';
import type { Outcomes } from '../../kit/outcome.ts';
import { DATA_BYTES_MAX, NAME_BYTES_MAX } from './activity.ts';
import { TRAIT_NAME_BYTES_MAX, TRAIT_VALUE_BYTES_MAX, TRAITS_MAX } from './attributes.ts';
import { TOKEN_BYTES_MAX } from './device.ts';
import { OBJECT_BYTES_MAX } from './object.ts';
import { ID_BYTES_MAX } from './person.ts';

const bytes = (count: number) => `${count.toLocaleString('en')} bytes`;

/** What Customer.io takes. */
export const limits: Limits = {
  concurrency: 32,
  // The fair use of the Track API: https://docs.customer.io/integrations/api/customerio-apis/#api-rate-limits.
  requestsPerSecond: 100,
  data: [
    `Of one identify call ${TRAITS_MAX} traits are sent: \`email\`, \`unsubscribed\` and \`created_at\` first, then the ` +
      'others in the order in which they were given. The trace names those that were left out.',
    `A trait with a name over ${bytes(TRAIT_NAME_BYTES_MAX)} or a value over ${bytes(TRAIT_VALUE_BYTES_MAX)} is left ` +
      'out, and the trace names it. Values are never cut.',
    `A \`device.token\` over ${bytes(TOKEN_BYTES_MAX)} is left out, and the trace says so; the event itself is sent.`,
    'The traits `id`, `cio_id`, `_update` and `cio_relationships` are left out, and the trace names them: Customer.io ' +
      'would take them for commands, about another person even.',
    `A userId over ${bytes(ID_BYTES_MAX)}, an event name over ${bytes(NAME_BYTES_MAX)}, properties over ` +
      `${bytes(DATA_BYTES_MAX)} or a group over ${bytes(OBJECT_BYTES_MAX)} cannot be sent: the event becomes a dead ` +
      'letter with the reason.',
    `The URL that names a page or screen without a name loses its query first when it is over ${bytes(NAME_BYTES_MAX)}, and ` +
      'then its end. The properties keep the whole of it.',
    'An alias call merges the previous person into the other for good: Customer.io cannot undo it.',
    'Calls without a `userId` are left out: Customer.io could not attribute them to anybody.',
  ],
};

const OTHER_REGION = 'the account is in the other region: set the region of the connection';
const WRONG_KEYS =
  'the Site ID or the API key is wrong, was withdrawn, or belongs to the other region or the App API';
const NOT_NOW = 'Customer.io cannot take it just now';

/**
 * What its answers mean. https://docs.customer.io/api/track/ documents 200, 400, 401 and 429, and that an account in
 * the other region is redirected; the rest is what proxies and servers answer on their own.
 */
export const outcomes: Outcomes = {
  301: { kind: 'misconfigured', reason: OTHER_REGION },
  302: { kind: 'misconfigured', reason: OTHER_REGION },
  307: { kind: 'misconfigured', reason: OTHER_REGION },
  308: { kind: 'misconfigured', reason: OTHER_REGION },
  400: { kind: 'rejected', reason: 'Customer.io does not take this event; its answer says why' },
  401: { kind: 'misconfigured', reason: WRONG_KEYS },
  403: { kind: 'misconfigured', reason: WRONG_KEYS },
  404: { kind: 'misconfigured', reason: 'there is no Track API at this address: check the endpoint' },
  413: { kind: 'rejected', reason: 'the event is too large' },
  429: { kind: 'retry', reason: 'too many requests for this account' },
  500: { kind: 'retry', reason: NOT_NOW },
  502: { kind: 'retry', reason: NOT_NOW },
  503: { kind: 'retry', reason: NOT_NOW },
  504: { kind: 'retry', reason: NOT_NOW },
};

/** What people run into. */
export const troubleshooting: readonly Trouble[] = [
  {
    symptom: 'No events from the browser arrive',
    remedy:
      'Call `analytics.identify` with the `userId` first: before that, events have only an `anonymousId` and are ' +
      'left out. An email address is used only where it is itself the `userId`.',
  },
  {
    symptom: 'Pages that a person saw before signing up are missing',
    remedy: 'They happened before Customer.io knew the person, and are not added afterwards.',
  },
  {
    symptom: 'Some attributes of a person are missing',
    remedy:
      `A call had more than ${TRAITS_MAX} traits, or some that were too long. The trace of the call names them. Send ` +
      'the others in a call of their own.',
  },
  {
    symptom: 'A person does not get messages',
    remedy:
      'Look for `unsubscribed` among the attributes in Customer.io. It stays as it is until an identify call gives ' +
      '`unsubscribed: false`; for emails there must be an `email` as well.',
  },
  {
    symptom: 'The pipeline is paused',
    remedy:
      'Customer.io refused the keys, or the account is in the other region. Correct the connection: events are kept ' +
      'meanwhile and sent afterwards, in order.',
  },
];
