import { createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { type Clock, dateOf } from './clock.ts';
import type { SecretKey } from './secret-key.ts';

/** Who is signed in. `tokenVersion` is the account's: once that has grown, earlier tokens are void. */
export interface Session {
  readonly userId: string;
  readonly tokenVersion: number;
}

/** A fresh token. Both times are in milliseconds since 1970, on whole seconds. */
export interface IssuedToken {
  readonly token: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** How long a session lasts, in seconds, from the whole second in which its token was made. */
const LIFE_SECONDS = 86_400;

/** Clocks of two machines may differ by so many seconds: a token from the near future is no forgery. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** Fixed when reading: a token that names another algorithm, or none, is not asked what it means by that. */
const ALGORITHM = 'HS256';

/** Keeps tokens of another kind, even under the same key, from passing for a session. */
const TYPE = 'session+jwt';
const ISSUER = 'metarouter';
const AUDIENCE = 'metarouter/control';

/** The claim that carries `tokenVersion`. */
const VERSION_CLAIM = 'ver';

/**
 * Makes and reads the JSON Web Tokens of people who signed in. What knows their format is loaded for the first of them: a
 * server that only takes events goes without its 6 MB.
 */
export class SessionTokens {
  readonly #key: KeyObject;
  readonly #clock: Clock;

  constructor(secretKey: SecretKey, clock: Clock) {
    this.#key = createSecretKey(secretKey.key('tokens'));
    this.#clock = clock;
  }

  /** A token for 24 hours. It says who, and nothing of what they may do: that is looked up with each request. */
  async issue({ userId, tokenVersion }: Session): Promise<IssuedToken> {
    const issued = Math.floor(this.#clock.now() / 1_000);
    const { SignJWT } = await import('jose/jwt/sign');
    const token = await new SignJWT({ [VERSION_CLAIM]: tokenVersion })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setSubject(userId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setJti(randomUUID())
      .setIssuedAt(issued)
      .setExpirationTime(issued + LIFE_SECONDS)
      .sign(this.#key);
    return { token, issuedAt: issued * 1_000, expiresAt: (issued + LIFE_SECONDS) * 1_000 };
  }

  /** Whose token it is. 'expired' is one of ours whose time is over; 'invalid' is everything else. */
  async read(token: string): Promise<Session | 'expired' | 'invalid'> {
    if (!isWrittenInTheOneWay(token)) return 'invalid';
    const now = this.#clock.now();
    const [{ jwtVerify }, { JOSEError, JWTExpired }] = await Promise.all([
      import('jose/jwt/verify'),
      import('jose/errors'),
    ]);
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'iat', 'sub', 'jti'],
        maxTokenAge: LIFE_SECONDS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: dateOf(now),
      });
      return sessionOf(payload, now);
    } catch (error) {
      if (error instanceof JWTExpired) return 'expired';
      if (error instanceof JOSEError) return 'invalid';
      throw error;
    }
  }
}

/** The last character of a signature has bits that stand for nothing: with other ones there it would be a second text of the token. */
function isWrittenInTheOneWay(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

function sessionOf(payload: JWTPayload, now: number): Session | 'expired' | 'invalid' {
  const { sub: userId, iat, exp, [VERSION_CLAIM]: tokenVersion } = payload;
  if (!userId || iat === undefined || exp === undefined) return 'invalid';
  if (typeof tokenVersion !== 'number' || !Number.isSafeInteger(tokenVersion)) return 'invalid';
  // The tolerance is for beginnings only: jose gives it to the end too, which would make the 24 hours longer.
  if (now >= Math.min(exp, iat + LIFE_SECONDS) * 1_000) return 'expired';
  return { userId, tokenVersion };
}
