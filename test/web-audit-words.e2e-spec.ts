import { AUDIT_ACTIONS } from '../src/audit/audit-event.entity';
import { EVENT_WORDS } from '../web/src/account/event-in-words';

describe('the words that the pages have for the audit trail', () => {
  it('are there for each action of the server, and for no other', () => {
    expect(Object.keys(EVENT_WORDS).sort()).toEqual([...AUDIT_ACTIONS].sort());
  });
});
