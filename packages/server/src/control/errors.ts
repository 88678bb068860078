import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { hiddenError } from './hidden-error.ts';
import { Refusal } from './refusal.ts';

/**
 * An error as its caller is told of it: a refusal as it is, what graphql found wrong with the request as BAD_INPUT, and
 * everything else as INTERNAL with nothing but a reference, under which `onBug` is told of the real one.
 */
export function refusalOf(error: unknown, onBug: (error: unknown) => void): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof GraphQLError)) return hiddenError(error, onBug);
  if (error.originalError instanceof Refusal) return error.originalError;
  if (isTheirs(error)) return new Refusal('BAD_INPUT', error.message);
  return hiddenError(error.originalError ?? error, onBug);
}

/** A refusal as it is written into an answer, with the place in the document and in the data of the error behind it. */
export function writtenError({ code, message, faults }: Refusal, error: unknown): GraphQLFormattedError {
  const { locations, path }: Partial<GraphQLError> = error instanceof GraphQLError ? error : {};
  return {
    message,
    ...(locations && { locations }),
    ...(path && { path }),
    extensions: faults.length === 0 ? { code } : { code, faults },
  };
}

/** Both: the error as its caller reads it. */
export function answeredError(error: unknown, onBug: (error: unknown) => void): GraphQLFormattedError {
  return writtenError(refusalOf(error, onBug), error);
}

/**
 * Whether graphql itself refused what was sent. Such errors point into the document: those from before the execution at
 * once, and those about arguments inside of the error that has the field's path. One without a place in the document,
 * such as of a value that cannot be answered as its type, is our mistake.
 */
function isTheirs({ path, source, originalError }: GraphQLError): boolean {
  if (path === undefined) return source !== undefined;
  return originalError instanceof GraphQLError && originalError.nodes !== undefined;
}
