// The operations that the explorer begins with, from an account to a working pipeline and what became of its events, one
// in each tab. Variables with the names of the ids above the editor take them from there.
window.EXAMPLES = [
  `# Makes an account. Open the link that is
# mailed to you, then sign in above.
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
  `# Signs you in, as the form above does: the token
# stays there until you close this window.
mutation createToken {
  createToken(
    username: "you@example.com"
    password: "password_string"
  ) {
    success
    message
    token
    decoded { id }
  }
}
`,
  `# Makes an organization of yours: its id goes
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
  `# Makes a source in the organization above. Its id
# is the write key that you give to an SDK.
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
  `# What a destination wants to know: the fields
# of its connection, and of each pipeline to it.
query clickstreamPrototypes {
  clickstreamPrototypes(code: "webhooks") {
    id
    code
    name
    connectionPrototype { propertyName label type required help }
    configPrototype { propertyName label type required help }
  }
}
`,
  `# Keeps what is needed to reach a destination. Put in
# the address of your own server. The id of the
# prototype is the one for webhooks.
mutation createConnection(
  $orgId: ID!
  $connectionPrototypeId: ID!
) {
  createConnection(
    integrationCode: "webhooks"
    details: { urls: ["https://example.com/hook"] }
    name: "Friendly Connection Name"
    orgId: $orgId
    connectionPrototypeId: $connectionPrototypeId
  ) {
    success
    message
    id
    code
  }
}
`,
  `# Sends the events of the source above to the
# connection above, from now on.
mutation createIntegration(
  $appId: String!
  $connectionId: ID!
) {
  createIntegration(
    appId: $appId
    integrationCode: "webhooks"
    connectionId: $connectionId
    name: "Friendly Pipeline Name"
  ) {
    success
    message
    id
    code
  }
}
`,
  `# What the pipeline above would send for an
# event. Nothing is sent.
query preview($integrationId: ID!) {
  preview(
    integrationId: $integrationId
    event: {
      type: "track"
      userId: "arthur"
      event: "Order Completed"
      properties: { total: 42 }
    }
  ) {
    outcome
    method
    url
    body
    reason
    notes
  }
}
`,
  `# Shows the events of the source above as they come
# in, until you stop it. Send a test event meanwhile.
subscription live($appId: String!) {
  events(appId: $appId) {
    receivedAt
    type
    name
    outcome
    reason
  }
}
`,
  `# The latest events of the source above, refused ones
# as well. The first is the one that \`trace\` follows.
query events($appId: String!) {
  events(appId: $appId, first: 10) {
    nodes {
      receivedAt
      messageId
      type
      name
      outcome
      reason
    }
  }
}
`,
  `# What each pipeline did with one event: with the
# last test event, or the first that \`events\` found.
query trace($appId: String!, $messageId: String!) {
  event(appId: $appId, messageId: $messageId) {
    receivedAt
    event
    pipelines {
      name
      integrationCode
      outcome
      reason
      attempts
      answer
      dueInMs
    }
  }
}
`,
  `# Of each pipeline of the source above:
# accepted = delivered + filtered + dead + pending.
query ledger($appId: String!) {
  ledger(appId: $appId) {
    integrationId
    accepted
    delivered
    filtered
    dead
    pending
  }
}
`,
  `# How the pipeline above is doing: what is pending
# goes out by itself; dead letters are what it gave up
# on, and \`redeliver\` sends them once more. Credentials
# are corrected with \`updateConnection\`; what was
# switched off goes on with \`updateIntegration\`.
query deadLetters($appId: String!, $integrationId: ID!) {
  ledger(appId: $appId) { integrationId delivered dead pending }
  deadLetterReasons(integrationId: $integrationId) { reason count }
  deadLetters(integrationId: $integrationId, first: 10) {
    nodes {
      id
      at
      reason
      status
      answer
      event
    }
  }
}
`,
  `# Sends all dead letters of the pipeline above once
# more, or those with one \`reason\` alone.
mutation redeliver($integrationId: ID!) {
  redeliver(integrationId: $integrationId) {
    success
    message
    code
  }
}
`,
  `# Asks the destination whether what is stored in the
# connection above is right. No event is sent.
mutation testConnection($connectionId: ID!) {
  testConnection(connectionId: $connectionId) {
    success
    message
    code
  }
}
`,
  `# Corrects the connection above. Name what changes:
# what is left out stays as it is.
mutation updateConnection($connectionId: ID!) {
  updateConnection(
    connectionId: $connectionId
    details: { urls: ["https://example.com/hook"] }
  ) {
    success
    message
    code
  }
}
`,
  `# Switches the pipeline above on. It goes on where
# it stopped.
mutation updateIntegration($integrationId: ID!) {
  updateIntegration(
    integrationId: $integrationId
    enabled: true
  ) {
    success
    message
    code
  }
}
`,
];
