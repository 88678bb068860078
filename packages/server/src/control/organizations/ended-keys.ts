import type { StoredApiKey } from '../../store/api-keys.ts';

/** Goes behind what is said about the person who made them: whatever signs in with one of these needs another. */
export function sentenceOn(ended: readonly StoredApiKey[]): string {
  if (ended.length === 0) return '';
  return ` These API keys have ended with it: ${ended.map(({ name }) => name).join(', ')}.`;
}
