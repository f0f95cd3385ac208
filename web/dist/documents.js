import{S as e}from"./shared.js";var t=e(`
  fragment InModePart on InMode {
    name
    active
    price { amount currency }
    prices
    interval
    intervalCount
    asOf
  }
`);export{t};