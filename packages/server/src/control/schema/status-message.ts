import type { FieldFault, RefusalCode } from '../refusal.ts';
import { builder } from './builder.ts';

/** What a mutation answers. */
interface StatusMessageShape {
  readonly success: boolean;
  readonly message: string;
  readonly id?: string;
  readonly code?: RefusalCode;
  readonly faults?: readonly FieldFault[];
}

export const FieldFaultType = builder.objectRef<FieldFault>('FieldFault').implement({
  description: 'What is wrong with one argument.',
  fields: (t) => ({
    field: t.exposeString('field', {
      description: 'The argument, with dots and brackets into it: details.urls[1].',
    }),
    message: t.exposeString('message', { description: 'What would be right.' }),
  }),
});

export const StatusMessage = builder.objectRef<StatusMessageShape>('StatusMessage').implement({
  description: 'What came of a mutation.',
  fields: (t) => ({
    success: t.exposeBoolean('success', { nullable: false, description: 'Whether it was done.' }),
    message: t.exposeString('message', { description: 'What happened, for people.' }),
    id: t.exposeID('id', { description: 'What was created or changed.', nullable: true }),
    code: t.exposeString('code', { description: 'Why it was not done, for programs.', nullable: true }),
    faults: t.field({
      type: [FieldFaultType],
      description: 'What is wrong with which argument.',
      resolve: ({ faults }) => faults ?? [],
    }),
  }),
});

/** It was done. */
export function done(message: string, id?: string): StatusMessageShape {
  return id === undefined ? { success: true, message } : { success: true, message, id };
}
