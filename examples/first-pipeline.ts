// From an account to a working pipeline through the GraphQL API, in one script:
//
//   node examples/first-pipeline.ts http://127.0.0.1:8080 you@example.com http://127.0.0.1:9009/hook
//
// It signs you up, waits until you paste the link that was mailed to you (without a mail server it lies in data/outbox),
// makes an organization, a source, a connection and a pipeline to your URL, and sends a first event. The password is read
// from PASSWORD in the environment.
import { createInterface } from 'node:readline/promises';
import { GraphQLClient, gql } from 'graphql-request';

interface StatusMessage {
  readonly success: boolean;
  readonly message: string;
  readonly id: string | null;
  readonly code: string | null;
}

interface Token {
  readonly success: boolean;
  readonly message: string;
  readonly token: string | null;
}

const [server, email, receiver] = process.argv.slice(2);
const password = process.env.PASSWORD;
if (server === undefined || email === undefined || receiver === undefined || password === undefined) {
  console.error('Usage: PASSWORD=… node examples/first-pipeline.ts SERVER EMAIL RECEIVER_URL');
  process.exit(1);
}

const anonymous = new GraphQLClient(`${server}/graphql`);

const signedUp = await anonymous.request<{ createNewUser: Token }>(
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
console.log(signedUp.createNewUser.message);
if (!signedUp.createNewUser.success) process.exit(1);

const terminal = createInterface({ input: process.stdin, output: process.stdout });
const link = new URL((await terminal.question('Paste the link: ')).trim());
terminal.close();

const confirmed = await anonymous.request<{ confirmEmail: Token }>(
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
const { token } = confirmed.confirmEmail;
console.log(confirmed.confirmEmail.message);
if (token === null) process.exit(1);

const client = new GraphQLClient(`${server}/graphql`, { headers: { authorization: token } });

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

const { clickstreamPrototypes } = await client.request<{
  clickstreamPrototypes: readonly { readonly id: string }[];
}>(gql`
  {
    clickstreamPrototypes(code: "webhooks") {
      id
    }
  }
`);

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

/** Runs a mutation that makes something; its id, or the end of the script. */
async function create(mutation: string, variables: Readonly<Record<string, unknown>>): Promise<string> {
  const { answer } = await client.request<{ answer: StatusMessage }>(mutation, variables);
  console.log(answer.message);
  if (answer.id === null) {
    console.error(`Refused: ${answer.code}`);
    process.exit(1);
  }
  return answer.id;
}
