import { basicAuth } from '../../kit/basic-auth.ts';
import { destination } from '../../kit/destination.ts';
import { identifyTraits } from '../../kit/identify-traits.ts';
import { PLATFORMS } from '../../kit/reach.ts';
import { post, put, skip } from '../../kit/request.ts';
import { choice, secret, text } from '../../kit/text-field.ts';
import { limits, outcomes, troubleshooting } from './about.ts';
import { activityRequest } from './activity.ts';
import { personAttributes } from './attributes.ts';
import { deviceRequests } from './device.ts';
import { objectRequest } from './object.ts';
import { forPerson, identifierOf } from './person.ts';
import { REGIONS, regionLookup } from './region-lookup.ts';
import { viewRequest } from './view.ts';

/** https://docs.customer.io/api/track/. */
const HOSTS = { us: 'https://track.customer.io', eu: 'https://track-eu.customer.io' } as const;

/** Where both keys of the Track API are shown. */
const TRACK_KEYS = 'In Customer.io under Settings, Account Settings, API Credentials, Track API Keys.';

/** Emails, push messages and texts that follow from what people do. */
export const customerio = destination({
  code: 'customerio',
  name: 'Customer.io',
  purpose: 'Reach people by email, push and text message when they did something, or did not.',
  docs: 'https://docs.customer.io/api/track/',
  modes: ['cloud'],
  platforms: PLATFORMS,
  limits,
  outcomes,
  troubleshooting,
  connection: {
    siteId: text({
      label: 'Site ID',
      description: 'Names your workspace.',
      found: TRACK_KEYS,
      pattern: { matches: /^[!-9;-~]{1,200}$/, mustBe: 'a Site ID as Customer.io shows it, without spaces' },
    }),
    apiKey: secret({
      label: 'API Key',
      description: 'The key of the Track API; one of the App API is refused.',
      found: TRACK_KEYS,
      pattern: { matches: /^[!-~]{1,200}$/, mustBe: 'an API key as Customer.io shows it, without spaces' },
    }),
    region: choice({
      label: 'Region',
      description: 'Where your account keeps its data.',
      found: 'In Customer.io under Settings, Privacy.',
      options: REGIONS,
      fallback: 'us',
    }),
  },
  config: {},
  api: {
    url: ({ region }) => HOSTS[region],
    authorization: ({ siteId, apiKey }) => basicAuth(siteId, apiKey),
  },
  test: regionLookup,
  on: {
    /** Adds the person or changes attributes; what is not given stays as it is, `unsubscribed` included. */
    identify: forPerson((event, { path }) => {
      const { attributes, notes } = personAttributes(identifyTraits(event));
      return { requests: [put(path, attributes)], notes };
    }),
    track: forPerson((event, person) => {
      const activity = activityRequest(event, person, {
        type: 'event',
        name: event.event,
        data: event.properties,
      });
      if ('refuse' in activity) return activity;
      const { requests, notes } = deviceRequests(event, person);
      return { requests: [activity, ...requests], notes };
    }),
    page: forPerson(viewRequest),
    screen: forPerson(viewRequest),
    group: forPerson(objectRequest),
    /** The previous person becomes part of the one that is named now, and is gone. */
    alias: forPerson(({ previousId }, { id }) =>
      previousId === id
        ? skip('both ids of the alias call are the same')
        : post('/api/v1/merge_customers', { primary: identifierOf(id), secondary: identifierOf(previousId) }),
    ),
  },
});
