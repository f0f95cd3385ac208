import { type FragmentOf, graphql } from '../api/graphql';

export const CheckPart = graphql(`
  fragment CheckPart on ValidationResult {
    check group status message couldNotRun
    problems { status message }
  }
`);
export type Check = FragmentOf<typeof CheckPart>;

export const ChangePart = graphql(`
  fragment ChangePart on PlannedChange {
    action resource testId liveId summary label reversible rollbackNote replacesLiveId
    amountBefore { amount currency }
    amountAfter { amount currency }
    fields { field kind before after drifted }
  }
`);
export type Change = FragmentOf<typeof ChangePart>;
