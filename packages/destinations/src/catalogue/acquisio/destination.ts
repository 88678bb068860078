import { destination } from '../../kit/destination.ts';
import { list } from '../../kit/list-field.ts';
import { secret, text } from '../../kit/text-field.ts';

/** Who counts more kinds of conversions than this rather wants all events. */
const EVENTS_MAX = 100;

/** Conversions of search and social advertising, as the browser sees them. */
export const acquisio = destination({
  code: 'acquisio',
  name: 'Acquisio',
  purpose: 'Count what people do after they clicked an ad, so that bids follow what really sells.',
  docs: 'https://www.acquisio.com/',
  modes: ['device'],
  platforms: ['analytics.js'],
  limits: {
    concurrency: 1,
    data: [
      'A conversion is a track call whose name is in the list of events, letter for letter.',
      'The tag that sends conversions from the browser is not there yet. A pipeline can be set up, and sends nothing so ' +
        'far.',
    ],
  },
  outcomes: {},
  troubleshooting: [
    {
      symptom: 'Every event is filtered',
      remedy:
        'That is right. Acquisio works in device mode: it has to see the browser in which the ad was clicked, so the ' +
        'server sends nothing, and counts each event under the rule `device mode`.',
    },
    {
      symptom: 'A conversion is missing',
      remedy:
        'Compare the name of the track call with the list of events of the pipeline: they must be the same, in letter ' +
        'case and spaces as well.',
    },
  ],
  connection: {
    apiKey: secret({
      label: 'API Key',
      description: 'Names your account, as Acquisio gave it to you: it is also called the Advertiser ID.',
      pattern: { matches: /^[!-~]{1,200}$/, mustBe: 'a key as Acquisio shows it, without spaces' },
    }),
  },
  config: {
    events: list(
      text({
        label: 'Event',
        description: 'The name of a track call.',
        // Names come from pages, so nearly everything is one; not what nobody could tell from another one by sight.
        pattern: { matches: /^\S(.{0,198}\S)?$/, mustBe: 'an event name of up to 200 characters' },
      }),
      {
        label: 'Events',
        description: `The names of the track calls that are conversions, up to ${EVENTS_MAX}.`,
        min: 0,
        max: EVENTS_MAX,
      },
    ),
  },
  test: {
    unchecked: 'Nothing can be checked from here: Acquisio is reached by browsers, and answers no server.',
  },
  on: {},
});
