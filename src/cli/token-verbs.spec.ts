import { verbLike } from './token-verbs';

it.each([
  ['end', 'revoke'],
  ['delete', 'revoke'],
  ['rm', 'revoke'],
  ['ls', 'list'],
  ['lst', 'list'],
  ['LIST', 'list'],
  ['lsit', 'list'],
  ['new', 'create'],
  ['creat', 'create'],
  ['craete', 'create'],
  ['mv', 'rename'],
  ['renmae', 'rename'],
  ['print', ''],
  ['xyz', undefined],
  ['tvp_0123', undefined],
  ['', undefined],
])('%j is taken for %j', (word, verb) => expect(verbLike(word)).toBe(verb));
