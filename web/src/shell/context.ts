import { createContext, useContext } from 'react';
import type { ResultOf } from '../api/graphql';
import type { ServiceQuery, ShellQuery } from './documents';

export type Viewer = ResultOf<typeof ShellQuery>['viewer'];
export type Membership = Viewer['memberships'][number];
export type Service = ResultOf<typeof ServiceQuery>['service'];

type Place = { viewer: Viewer; tenant: Membership['tenant']; role: Membership['role']; service: Service | undefined };

export const PlaceContext = createContext<Place | null>(null);

/** Where we are: the business, who looks at it, and what they are there. */
export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (!place) throw new Error('outside of a business');
  return place;
}

/** The zone in which the viewer reads times: their own choice, else the browser's. */
export const useMyZone = () => usePlace().viewer.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
