import { Crash } from '../../log/segments/faulty-storage.ts';
import { type Commit, DeliveryState } from '../state/delivery-state.ts';

/** What goes wrong with the state of one life of the router. */
export interface StateFaults {
  /** No transaction has room. */
  isFull: boolean;
  /** The process is killed at a transaction: so many more go well, and then just before or just after one. */
  kill: { after: number; readonly when: 'before' | 'after' } | undefined;
  /** Set by `onKill`: nothing is written any more. */
  isDead: boolean;
  readonly onKill: () => void;
  /** Told of each transaction's steps before they are durable. */
  readonly onCommit: (commit: Commit) => void;
}

/** As SQLite reports it. */
class DiskFull extends Error {
  readonly errcode = 13;
}

/** The shipped state, whose transactions find a full disk, or the end of the process, on command. */
export class FaultyState extends DeliveryState {
  readonly #faults: StateFaults;

  constructor(file: string, faults: StateFaults) {
    super(file);
    this.#faults = faults;
    const exec = this.db.exec.bind(this.db);
    this.db.exec = (sql) => {
      if (sql === 'ROLLBACK') return exec(sql);
      if (faults.isDead) throw new Crash('killed');
      if (sql !== 'COMMIT') return exec(sql);
      if (faults.isFull) throw new DiskFull('database or disk is full');
      this.#strike('before');
      exec(sql);
      this.#strike('after');
    };
  }

  override commit(commit: Commit, also?: () => void): void {
    this.#faults.onCommit(commit);
    super.commit(commit, also);
  }

  /** Also when it is closed already. */
  override close(): void {
    if (this.db.isOpen) super.close();
  }

  #strike(when: 'before' | 'after'): void {
    const { kill } = this.#faults;
    if (kill === undefined || kill.when !== when) return;
    kill.after -= 1;
    if (kill.after >= 0) return;
    this.#faults.onKill();
    throw new Crash('killed');
  }
}
