import { type AnsweringServer, startAnsweringServer } from './answering-server.ts';
import { ANSWERS, type Answer, type Reaction, type Reactions } from './sdk.ts';

/** Lets a client send one request, and resolves when it has done with it: with all that it sends again sent. */
export type Trial = (server: AnsweringServer, answer: Answer) => Promise<void>;

/** Tries out each answer on a client of its own, all at once, and tells by what arrived what the client does. */
export async function observedReactions(trial: Trial): Promise<Reactions> {
  const tried = await Promise.all(
    ANSWERS.map(async (answer) => {
      await using server = await startAnsweringServer(answer);
      await trial(server, answer);
      return [answer, reactionTo(answer, server.requests())] as const;
    }),
  );
  const of = new Map<Answer, Reaction>(tried);
  const reaction = (answer: Answer) => of.get(answer) ?? 'drops';
  return {
    200: reaction(200),
    207: reaction(207),
    400: reaction(400),
    413: reaction(413),
    429: reaction(429),
    503: reaction(503),
    cut: reaction('cut'),
  };
}

function reactionTo(answer: Answer, requests: number): Reaction {
  if (requests === 0) throw new Error('The client sent nothing');
  if (requests > 1) return 'again';
  return typeof answer === 'number' && answer < 300 ? 'done' : 'drops';
}
