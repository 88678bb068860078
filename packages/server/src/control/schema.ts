import './schema/scalars.ts';
import './schema/account.ts';
import './schema/user.ts';
import './schema/organization.ts';
import './schema/application.ts';
import './schema/prototype.ts';
import './schema/connection.ts';
import './schema/integration.ts';
import './schema/api-key.ts';
import './schema/audit.ts';
import './schema/event.ts';
import './schema/event-trace.ts';
import './schema/counts.ts';
import './schema/dead-letter.ts';
import './schema/preview.ts';
import './schema/replay.ts';
import { guardedSchema } from './guarded-schema.ts';
import { builder } from './schema/builder.ts';

/** The API as it is served: each root field behind its access rule. */
export const schema = guardedSchema(builder.toSchema());
