import { ServerResponse } from 'node:http';

const PLACE = Symbol('place among the open responses');
type Placed = ServerResponse & { [PLACE]?: number };

/**
 * Those that are open now. An array and not a Set: each time that a Set makes room for new entries it leaves its old table
 * behind, with all that was in it, and when that table has grown old, thousands of responses that are long over stay in
 * memory with it until the next great garbage collection.
 */
export class OpenResponses {
  private readonly responses: Placed[] = [];

  get count(): number {
    return this.responses.length;
  }

  add(response: Placed): void {
    response[PLACE] = this.responses.push(response) - 1;
  }

  /** One that was added. The last one takes its place. */
  delete(response: Placed): void {
    const place = response[PLACE];
    const last = this.responses.pop();
    if (place === undefined || last === undefined || last === response) return;
    this.responses[place] = last;
    last[PLACE] = place;
  }

  list(): ServerResponse[] {
    return [...this.responses];
  }
}
