import { createHash } from 'node:crypto';
import { type Destination, type Field, type Fields, fieldHelp } from '@metarouter/destinations';
import type { Platform } from '../store/workspace.ts';
import { faultsIn } from './input.ts';
import type { FieldFault } from './refusal.ts';

/** What kind of form field a value is entered by. */
export const FIELD_TYPES = ['input', 'boolean', 'number', 'array', 'map', 'choice', 'mapping'] as const;
type FieldType = (typeof FIELD_TYPES)[number];

/** One entry of the form for a connection, or for the config of a pipeline. */
export interface PrototypeField {
  /** The key of its value. */
  readonly propertyName: string;
  readonly label: string;
  readonly type: FieldType;
  readonly required: boolean;
  /** The value that counts when none is given. */
  readonly default: string | undefined;
  /** What there is to choose from; empty where anything may be entered. */
  readonly choices: readonly Choice[];
  /** Whether its value is never shown again once it is stored. */
  readonly secret: boolean;
  /** What it is and where it is found, for people. */
  readonly help: string;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** A destination as the control API shows it: all that is needed to draw its forms. */
export interface Prototype {
  /** Always the same for a destination, and not its code. */
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly modes: Destination['modes'];
  readonly platforms: readonly Platform[];
  readonly connectionPrototype: readonly PrototypeField[];
  readonly configPrototype: readonly PrototypeField[];
}

/** Characters of a prototype's id: 96 bits, so that no two destinations ever share one. */
const ID_CHARACTERS = 24;

/** What the declaration of a destination says to whoever sets it up. */
export function prototypeOf(destination: Destination): Prototype {
  const { code, name, purpose, modes, platforms, connection, config } = destination;
  return {
    id: prototypeId(code),
    code,
    name,
    description: purpose,
    modes,
    platforms,
    connectionPrototype: fieldsOf(connection),
    configPrototype: fieldsOf(config),
  };
}

/** The id of a destination's prototype: worked out from its code, so that it is the same on every installation. */
export function prototypeId(code: string): string {
  const name = JSON.stringify(['clickstream prototype', code]);
  return createHash('sha256').update(name).digest('hex').slice(0, ID_CHARACTERS);
}

const TYPES: Readonly<Record<Field<unknown>['kind'], FieldType>> = {
  text: 'input',
  url: 'input',
  number: 'number',
  choice: 'choice',
  list: 'array',
  pairs: 'map',
};

function fieldsOf(fields: Fields): readonly PrototypeField[] {
  return Object.entries(fields).map(([propertyName, field]) => ({
    propertyName,
    label: field.label,
    type: TYPES[field.kind],
    required: field.required,
    default: field.fallback,
    choices: Object.entries(field.options ?? {}).map(([value, label]) => ({ value, label })),
    secret: field.secret,
    help: fieldHelp(field),
  }));
}

/** A caller who is told of so many faults has enough to do. */
const FAULTS_MAX = 20;

/** What is wrong with the details of a connection; empty when they can be used. */
export function detailsFaults(destination: Destination, details: unknown): readonly FieldFault[] {
  const found = destination.check(details, undefined);
  return faultsIn(found, 'connection', 'details').slice(0, FAULTS_MAX);
}

/** What is wrong with the config of a pipeline; empty when it can be used. */
export function configFaults(destination: Destination, config: unknown): readonly FieldFault[] {
  const found = destination.check(undefined, config);
  return faultsIn(found, 'config', 'configPayload').slice(0, FAULTS_MAX);
}
