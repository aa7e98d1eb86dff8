import { AUDIT_ACTIONS } from '../src/audit/audit-event.entity';
import { SECRET_KINDS } from '../src/redaction/secret-kinds';
import { EVENT_WORDS, SECRETS } from '../web/src/account/event-in-words';

describe('the words that the pages have for the audit trail', () => {
  it('are there for each action of the server, and for no other', () => {
    expect(Object.keys(EVENT_WORDS).sort()).toEqual([...AUDIT_ACTIONS].sort());
  });

  it('are there for each kind of secret, and for no other', () => {
    expect(Object.keys(SECRETS).sort()).toEqual([...SECRET_KINDS].sort());
  });
});
