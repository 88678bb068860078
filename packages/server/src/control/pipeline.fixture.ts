import { type Houston, openHouston, textAt } from './houston.fixture.ts';
import { prototypeId } from './prototypes.ts';

/** The API with a pipeline from its source to a webhook, which runs in lanes that a test scripts. */
export interface WithPipeline extends Houston {
  /** Its id. */
  readonly pipeline: string;
}

export async function openWithPipeline(): Promise<WithPipeline> {
  const houston = await openHouston();
  const { organization, source } = houston.control;
  const connection =
    await houston.ask(`mutation { createConnection(integrationCode: "webhooks", name: "Hooks",
    orgId: "${organization}", connectionPrototypeId: "${prototypeId('webhooks')}",
    details: { urls: ["https://receiver.example/"] }) { id message } }`);
  const made =
    await houston.ask(`mutation { createIntegration(appId: "${source}", integrationCode: "webhooks",
    name: "Everything", connectionId: "${textAt(connection, 'id')}") { id } }`);
  return { ...houston, pipeline: textAt(made, 'id') };
}
