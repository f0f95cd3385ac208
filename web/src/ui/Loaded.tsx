import type { ReactNode } from 'react';
import * as t from '../messages/en';
import { Act } from './Act';
import { Notice } from './Notice';

type Problem = { message: string; requestId?: string };

/** Shows what came, the skeleton before, or what went wrong and the way on. */
export function Loaded<D>(props: {
  data: D | undefined;
  problem?: Problem;
  again: () => void;
  skeleton: ReactNode;
  children: (data: D) => ReactNode;
}) {
  if (props.data !== undefined) return <>{props.children(props.data)}</>;
  if (!props.problem) return <>{props.skeleton}</>;
  return (
    <Notice tone="critical" urgent act={<Act onPress={props.again}>{t.common.retry}</Act>}>
      <p>{t.error.list}</p>
      <p className="text-ink-2">
        {props.problem.message} {props.problem.requestId && t.common.requestId(props.problem.requestId)}
      </p>
    </Notice>
  );
}
