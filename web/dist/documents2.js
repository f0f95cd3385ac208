import{S as e}from"./shared.js";var t=e(`
  fragment CheckPart on ValidationResult {
    check group status message couldNotRun
    problems { status message }
  }
`),n=e(`
  fragment ChangePart on PlannedChange {
    action resource testId liveId summary label reversible rollbackNote replacesLiveId
    amountBefore { amount currency }
    amountAfter { amount currency }
    fields { field kind before after drifted }
  }
`);export{t as n,n as t};