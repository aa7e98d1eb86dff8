import { PersonalKeys } from '../orgs/org.entity';
import { chooseKey } from './key-choice';

describe('the key of a call', () => {
  it.each<[PersonalKeys | undefined, string | undefined, string | undefined, object]>([
    ['allowed', 'own', 'shared', { key: 'own', source: 'own' }],
    ['allowed', undefined, 'shared', { key: 'shared', source: 'organization' }],
    ['allowed', 'own', undefined, { key: 'own', source: 'own' }],
    ['allowed', undefined, undefined, { reason: 'no_key' }],
    ['required', 'own', 'shared', { key: 'own', source: 'own' }],
    ['required', undefined, 'shared', { reason: 'own_key_required' }],
    ['required', undefined, undefined, { reason: 'own_key_required' }],
    ['forbidden', 'own', 'shared', { key: 'shared', source: 'organization' }],
    ['forbidden', 'own', undefined, { reason: 'no_organization_key' }],
    ['forbidden', undefined, undefined, { reason: 'no_organization_key' }],
    [undefined, 'own', undefined, { key: 'own', source: 'own' }],
    [undefined, undefined, undefined, { reason: 'no_key' }],
  ])('where own keys are %s, with %s and %s', (policy, own, shared, choice) => {
    expect(chooseKey(own, shared, policy)).toEqual(choice);
  });
});
