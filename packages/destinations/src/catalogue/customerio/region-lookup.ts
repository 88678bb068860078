import { isJsonObject } from '@metarouter/events';
import { type DeclaredTest, fails, works } from '../../kit/connection-test.ts';
import { get } from '../../kit/request.ts';

/** Where an account may keep its data. */
export const REGIONS = { us: 'United States', eu: 'European Union' } as const;

/**
 * Checks Site ID, API key and region in one go: both addresses of the Track API say for right credentials where the
 * account is at home. https://docs.customer.io/integrations/api/track/tag/trackregion/getRegion/
 */
export const regionLookup: DeclaredTest<{ readonly region: keyof typeof REGIONS }> = {
  asks: 'Asks Customer.io in which region the account is. Nothing is written to it.',
  requests: () => [get('/api/v1/accounts/region')],
  read([answer], { region }) {
    if (answer?.failure !== undefined) return fails(`The keys could not be confirmed: ${answer.failure}.`);
    const { json } = answer ?? {};
    const home = isJsonObject(json) ? json.region : undefined;
    if (home !== 'us' && home !== 'eu')
      return fails('The answer is none of the Track API of Customer.io: check the endpoint.');
    if (home !== region)
      return fails(
        `The keys are right, but the account is in another region (${REGIONS[home]}): set the region to ${home}.`,
      );
    return works(`The keys are right, and the account is in the region ${REGIONS[home]}.`);
  },
};
