// The operations that the explorer begins with, from an account to a working pipeline, one in each tab.
window.EXAMPLES = [
  {
    query: `# Signs you in: the token goes into the field
# above, until you close this window.
mutation createToken {
  createToken(
    username: "you@example.com"
    password: "password"
  ) {
    success
    message
    token
    decoded { id }
  }
}
`,
  },
  {
    query: `# Makes an account. Open the link that is
# mailed to you, then run createToken.
mutation createNewUser {
  createNewUser(
    email: "you@example.com"
    password: "password_string"
    profile: {
      firstName: "Someone"
      lastName: "New"
      company: "My Company"
    }
  ) {
    success
    message
  }
}
`,
  },
  {
    query: `# Makes an organization of yours: its id goes
# into the field above.
mutation createOrganization {
  createOrganization(
    name: "Human-friendly Organization Name"
  ) {
    success
    message
    id
    code
  }
}
`,
  },
  {
    query: `# Makes a source. Its id is the write key that
# you give to an SDK.
mutation createApplication($orgId: ID!) {
  createApplication(
    name: "Human-friendly Source Name"
    platform: "analytics.js"
    orgId: $orgId
  ) {
    success
    message
    id
    code
  }
}
`,
    variables: { orgId: 'the id of your organization' },
  },
  {
    query: `# What a destination wants to know: the fields
# of its connection, and of each pipeline to it.
query clickstreamPrototypes {
  clickstreamPrototypes(code: "acquisio") {
    id
    code
    name
    connectionPrototype { propertyName label type required }
    configPrototype { propertyName label type required }
  }
}
`,
  },
  {
    query: `# Keeps the credentials for a destination. Its
# prototype has an id: see clickstreamPrototypes.
mutation createConnection($orgId: ID!, $prototype: ID!) {
  createConnection(
    integrationCode: "acquisio"
    details: { apiKey: "123" }
    name: "Friendly Connection Name"
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
    variables: { orgId: 'the id of your organization', prototype: 'the id of the prototype' },
  },
  {
    query: `# Sends the events of a source to a
# destination, from now on.
mutation createIntegration($appId: String!, $connectionId: ID!) {
  createIntegration(
    appId: $appId
    integrationCode: "acquisio"
    configPayload: { events: ["Order Completed"] }
    connectionId: $connectionId
    name: "Friendly Application Name"
  ) {
    success
    message
    id
    code
  }
}
`,
    variables: { appId: 'the id of your source', connectionId: 'the id of your connection' },
  },
  {
    query: `# Shows the events of a source as they come in,
# until you stop it.
subscription events($appId: String!) {
  events(appId: $appId) {
    receivedAt
    type
    name
    outcome
    reason
  }
}
`,
    variables: { appId: 'the id of your source' },
  },
];
