declare module 'fxa-common-password-list' {
  /** Returns whether a password is one of the 50,000 most common ones of at least eight characters. */
  export function test(password: string): boolean;
}
