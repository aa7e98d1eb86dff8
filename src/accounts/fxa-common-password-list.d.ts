declare module 'fxa-common-password-list' {
  /** Whether it is one of the 50,000 most common passwords with at least eight characters. */
  export function test(password: string): boolean;
}
