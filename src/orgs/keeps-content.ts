import { CapturePolicy } from './org.entity';

/**
 * Returns whether the content of a user's call is kept.
 * @param policy that of the organization that the call belongs to; undefined for a call of no organization.
 * @param isChosen whether the user has turned it on.
 */
export function keepsContent(policy: CapturePolicy | undefined, isChosen: boolean): boolean {
  return policy === 'required' || (policy !== 'off' && isChosen);
}
