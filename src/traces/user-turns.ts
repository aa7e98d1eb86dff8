import { Turnstile } from '../capture/turnstile';

/** How many tasks of one user run at once. */
const AT_ONCE = 2;

/**
 * Lets each user have few answers at once that hold bodies in memory: a client that reads slowly, or not at all, holds up none but
 * its own others.
 */
export class UserTurns {
  private readonly turns = new Map<string, { readonly turnstile: Turnstile; tasks: number }>();

  async run(userId: string, task: () => Promise<void>): Promise<void> {
    const turn = this.turns.get(userId) ?? { turnstile: new Turnstile(AT_ONCE), tasks: 0 };
    this.turns.set(userId, turn);
    turn.tasks++;
    try {
      await turn.turnstile.run(task);
    } finally {
      turn.tasks--;
      if (turn.tasks === 0) this.turns.delete(userId);
    }
  }
}
