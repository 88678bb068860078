/** What a destination for tests says of itself, where the test is about something else. */
export const VENDOR = {
  code: 'vendor',
  name: 'Vendor',
  purpose: 'Tests.',
  docs: 'https://vendor.example/',
  modes: ['cloud'],
  platforms: ['server'],
  limits: { concurrency: 1, data: [] },
  outcomes: {},
  troubleshooting: [],
  config: {},
  test: { unchecked: 'Nothing is checked.' },
} as const;
