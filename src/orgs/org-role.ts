import {
  applyDecorators,
  CanActivate,
  createParamDecorator,
  ExecutionContext,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Request } from 'express';
import { signedInUser } from '../auth/authenticated';
import { Role } from './membership.entity';
import { Membership, OrgsService } from './orgs.service';

const RequiredRoles = Reflector.createDecorator<readonly Role[]>();

/** The memberships that the guard has loaded, per request. */
const memberships = new WeakMap<Request, Membership>();

/**
 * Checks the caller's role in the organization of the path. It runs after the API's guard and before the body is validated: a
 * caller who is not a member learns nothing about the organization, and one with another role learns only that.
 */
@Injectable()
class OrgRoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly orgs: OrgsService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request<{ org: string }>>();
    const roles = this.reflector.get(RequiredRoles, context.getHandler());
    const { userId } = signedInUser(context);
    memberships.set(request, await this.orgs.membershipFor(userId, request.params.org, roles));
    return true;
  }
}

/** Restricts a handler below `:org` to members of the organization with one of these roles. */
export const OrgRole = (roles: readonly Role[]): MethodDecorator =>
  applyDecorators(RequiredRoles(roles), UseGuards(OrgRoleGuard));

/**
 * Injects the caller's membership, as `@OrgRole()` has loaded it. A change that depends on it has to check it again in its own
 * transaction.
 */
export const OrgMembership = createParamDecorator((_: unknown, context: ExecutionContext): Membership =>
  orgMembership(context),
);

/**
 * Returns the caller's membership, for other parameter decorators.
 * @throws Error in a handler without `@OrgRole()`.
 */
export function orgMembership(context: ExecutionContext): Membership {
  const membership = memberships.get(context.switchToHttp().getRequest<Request>());
  if (membership === undefined) throw new Error('@OrgMembership() stands on a handler without @OrgRole()');
  return membership;
}
