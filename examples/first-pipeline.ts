// From an account to a working pipeline through the GraphQL API, in one script:
//
//   node examples/first-pipeline.ts http://127.0.0.1:8080 you@example.com http://127.0.0.1:9009/hook
//
// It signs you up, waits until you paste the link that was mailed to you (without a mail server it lies in data/outbox),
// makes an organization, a source, a connection and a pipeline to your URL, and sends a first event. The password is read
// from PASSWORD in the environment.
import { createInterface } from 'node:readline/promises';
import { GraphQLClient, gql } from 'graphql-request';
import { z } from 'zod';

/** What mutations answer. Each answer is read by its shape: what it is in TypeScript, and what is checked when it comes. */
const StatusMessage = z.strictObject({
  success: z.boolean(),
  message: z.string(),
  id: z.string().nullable(),
  code: z.string().nullable(),
});

const Token = z.strictObject({
  success: z.boolean(),
  message: z.string(),
  token: z.string().nullable(),
});

const [server, email, receiver] = process.argv.slice(2);
const password = process.env.PASSWORD;
if (server === undefined || email === undefined || receiver === undefined || password === undefined) {
  console.error('Usage: PASSWORD=… node examples/first-pipeline.ts SERVER EMAIL RECEIVER_URL');
  process.exit(1);
}

const client = new GraphQLClient(`${server}/graphql`);

const { createNewUser } = await ask(
  z.strictObject({ createNewUser: Token }),
  gql`
    mutation ($email: String!, $password: String!) {
      createNewUser(email: $email, password: $password, profile: { firstName: "Someone", lastName: "New" }) {
        success
        message
        token
      }
    }
  `,
  { email, password },
);
console.log(createNewUser.message);
if (!createNewUser.success) process.exit(1);

const terminal = createInterface({ input: process.stdin, output: process.stdout });
const link = new URL((await terminal.question('Paste the link: ')).trim());
terminal.close();

const { confirmEmail } = await ask(
  z.strictObject({ confirmEmail: Token }),
  gql`
    mutation ($token: String!) {
      confirmEmail(token: $token) {
        success
        message
        token
      }
    }
  `,
  { token: link.searchParams.get('token') },
);
console.log(confirmEmail.message);
if (confirmEmail.token === null) process.exit(1);
client.setHeader('authorization', confirmEmail.token);

const organization = await create(
  gql`
    mutation ($name: String!) {
      answer: createOrganization(name: $name) {
        success
        message
        id
        code
      }
    }
  `,
  { name: 'Acme' },
);
// Whatever changes an organization's objects names the organization.
client.setHeader('organization', organization);

const source = await create(
  gql`
    mutation ($orgId: ID!) {
      answer: createApplication(name: "Website", platform: "analytics.js", orgId: $orgId) {
        success
        message
        id
        code
      }
    }
  `,
  { orgId: organization },
);

const { clickstreamPrototypes } = await ask(
  z.strictObject({ clickstreamPrototypes: z.array(z.strictObject({ id: z.string() })) }),
  gql`
    {
      clickstreamPrototypes(code: "webhooks") {
        id
      }
    }
  `,
);

const connection = await create(
  gql`
    mutation ($orgId: ID!, $prototype: ID!, $details: JSON!) {
      answer: createConnection(
        integrationCode: "webhooks"
        details: $details
        name: "Our server"
        orgId: $orgId
        connectionPrototypeId: $prototype
      ) {
        success
        message
        id
        code
      }
    }
  `,
  { orgId: organization, prototype: clickstreamPrototypes[0]?.id, details: { urls: [receiver] } },
);

await create(
  gql`
    mutation ($appId: String!, $connectionId: ID!) {
      answer: createIntegration(
        appId: $appId
        integrationCode: "webhooks"
        connectionId: $connectionId
        name: "Everything to our server"
      ) {
        success
        message
        id
        code
      }
    }
  `,
  { appId: source, connectionId: connection },
);

const sent = await fetch(`${server}/v1/track`, {
  method: 'POST',
  headers: { authorization: `Basic ${btoa(`${source}:`)}`, 'content-type': 'application/json' },
  body: JSON.stringify({ userId: 'arthur', event: 'First Event', properties: { plan: 'towel' } }),
});
console.log(`The first event: ${sent.status} ${await sent.text()}`);

/** The answer to an operation, of this shape and no other. Rejects with what was refused, or what is not as it should be. */
async function ask<Answer>(
  shape: z.ZodType<Answer>,
  operation: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  return shape.parse(await client.request(operation, variables));
}

/** Runs a mutation that makes something; its id, or the end of the script. */
async function create(mutation: string, variables: Readonly<Record<string, unknown>>): Promise<string> {
  const { answer } = await ask(z.strictObject({ answer: StatusMessage }), mutation, variables);
  console.log(answer.message);
  if (answer.id === null) {
    console.error(`Refused: ${answer.code}`);
    process.exit(1);
  }
  return answer.id;
}
