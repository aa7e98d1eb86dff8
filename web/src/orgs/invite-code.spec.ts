import { codeIn, inviteLink, inviteMail } from './invite-code';

const CODE = `tvi_${'0123456789abcdef'.repeat(4)}`;

describe('the code of an invite', () => {
  it.each<[string, string]>([
    ['alone', CODE],
    ['between blanks and line feeds', ` \n\t${CODE}\r\n `],
    ['in quotes', `"${CODE}"`],
    ['in quotes of print', `“${CODE}”`],
    ['in angle brackets, with a full stop', `<${CODE}>.`],
    ['as Markdown', `\`${CODE}\``],
    ['in capitals', CODE.toUpperCase()],
    ['with a capital, as phones begin', `T${CODE.slice(1)}`],
    ['between zero-width characters', `\u200b${CODE}\ufeff`],
    ['with zero-width characters within', `${CODE.slice(0, 20)}\u200b\u2060${CODE.slice(20)}`],
    ['with soft hyphens within', `${CODE.slice(0, 30)}\u00ad${CODE.slice(30)}`],
    ['broken into lines', `${CODE.slice(0, 40)}\n  ${CODE.slice(40)}`],
    ['broken into lines of a reply', `${CODE.slice(0, 40)}\n> ${CODE.slice(40)}`],
    ['broken as quoted-printable mail', `${CODE.slice(0, 40)}=\r\n${CODE.slice(40)}`],
    ['in its link', inviteLink('https://tv.example.com', CODE)],
    [
      'in a link that a mail filter wrapped',
      `https://safe.example/?u=${encodeURIComponent(inviteLink('https://tv.example.com', CODE))}&d=1`,
    ],
    [
      'in a mail, before other words',
      `Hi Grace,\nSign up: https://tv.example.com/sign-up\nInvite code: ${CODE}\nSee you!`,
    ],
    ['where the field took the line feeds away', `Invite code: ${CODE}acceding is easy.`],
  ])('is found %s', (_, text) => {
    expect(codeIn(text)).toBe(CODE);
  });

  it.each([
    ['nothing', ''],
    ['words', 'Sign up: https://tv.example.com/sign-up'],
    ['a shortened one', CODE.slice(0, -1)],
    ['another kind of secret', CODE.replace('tvi', 'tvs')],
    ['a letter that is no digit', `${CODE.slice(0, -1)}g`],
  ])('is not found in %s', (_, text) => {
    expect(codeIn(text)).toBeUndefined();
  });

  it('is found in the email that hands it over', () => {
    const mail = new URL(inviteMail(inviteLink('https://tv.example.com', CODE), 'grace+tv@example.com'));
    expect(decodeURIComponent(mail.pathname)).toBe('grace+tv@example.com');
    expect(codeIn(mail.searchParams.get('body') ?? '')).toBe(CODE);
  });

  it('stands in its link behind the #, which no browser sends', () => {
    const link = new URL(inviteLink('https://tv.example.com', CODE));
    expect([link.pathname, link.search, link.hash]).toEqual(['/sign-up', '', `#invite=${CODE}`]);
  });
});
