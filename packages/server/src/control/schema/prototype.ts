import { signedIn } from '../access.ts';
import { type Choice, FIELD_TYPES, type Prototype, type PrototypeField, prototypeOf } from '../prototypes.ts';
import { builder } from './builder.ts';

const FieldChoice = builder.objectRef<Choice>('FieldChoice').implement({
  description: 'One of the values that a field may have.',
  fields: (t) => ({ value: t.exposeString('value'), label: t.exposeString('label') }),
});

const Field = builder.objectRef<PrototypeField>('Field').implement({
  description: 'One entry of a form.',
  fields: (t) => ({
    propertyName: t.exposeString('propertyName', {
      description: 'The key of its value in the details of a connection, or in the config of a pipeline.',
    }),
    label: t.exposeString('label', { description: 'Its name, for people.' }),
    type: t.exposeString('type', {
      description: `The form field to show: one of ${FIELD_TYPES.join(', ')}.`,
    }),
    required: t.exposeBoolean('required'),
    default: t.string({
      nullable: true,
      description: 'The value that counts when none is given.',
      resolve: (field) => field.default,
    }),
    choices: t.field({
      type: [FieldChoice],
      description: 'What there is to choose from; empty where anything may be entered.',
      resolve: ({ choices }) => [...choices],
    }),
    secret: t.exposeBoolean('secret', {
      description: 'Whether its value is never shown again once it is stored.',
    }),
    help: t.exposeString('help', { description: 'What it is and where it is found.' }),
  }),
});

const ClickstreamPrototype = builder.objectRef<Prototype>('ClickstreamPrototype').implement({
  description: 'A destination, and the forms for its connections and for its pipelines.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: 'The connectionPrototypeId of createConnection.' }),
    code: t.exposeString('code', { nullable: false, description: 'The integrationCode of mutations.' }),
    name: t.exposeString('name', { nullable: false }),
    description: t.exposeString('description'),
    modes: t.stringList({
      description: 'device: sent by the browser; cloud: sent by the server.',
      resolve: ({ modes }) => [...modes],
    }),
    platforms: t.stringList({
      description: 'The platforms of the sources that it is for.',
      resolve: ({ platforms }) => [...platforms],
    }),
    connectionPrototype: t.field({
      type: [Field],
      description: 'The fields of `details`.',
      resolve: ({ connectionPrototype }) => [...connectionPrototype],
    }),
    configPrototype: t.field({
      type: [Field],
      description: 'The fields of `configPayload`.',
      resolve: ({ configPrototype }) => [...configPrototype],
    }),
  }),
});

builder.queryField('clickstreamPrototypes', (t) =>
  t.field({
    type: [ClickstreamPrototype],
    extensions: signedIn,
    description: 'The catalogue of destinations: all, or the one with this code.',
    args: { code: t.arg.string() },
    resolve: (_, { code }, { services }) =>
      [...services.destinations.values()]
        .filter((destination) => (code ?? destination.code) === destination.code)
        .map(prototypeOf),
  }),
);
