/** What those read of the dialogs who hear them: each in its order, with names and states. */
export const schedule = `
- dialog "Schedule Pine Enterprise":
  - heading "Schedule Pine Enterprise" [level=2]
  - button "Close"
  - textbox "When"
  - button "In an hour"
  - button "Tomorrow 9:00"
  - group "Date and time":
    - spinbutton "month, Date and time"
    - spinbutton "day, Date and time"
    - spinbutton "year, Date and time"
    - spinbutton "hour, Date and time"
    - spinbutton "minute, Date and time"
    - button "Calendar Date and time"
  - group:
    - combobox "Time zone": New York
    - button "Show suggestions Time zone"
  - status:
    - paragraph: Say when, and you see here what that means.
  - group "If the product changes in test before then":
    - radio "Hold it and ask It waits until somebody has looked. Nothing goes live that nobody has seen." [checked]
    - radio "Go live as it is then Whatever is in test at that time goes live, if the checks pass."
  - group "Remind by email":
    - checkbox "15 minutes before"
    - checkbox "30 minutes before" [checked]
    - checkbox "1 hour before"
    - checkbox "1 day before"
  - textbox "Who is told"
  - textbox "Why (optional)"
  - button "Cancel"
  - button "Schedule" [disabled]
  - paragraph: Say when, and you see here what that means.
`;
export const now = `
- alertdialog "Take Pine Team live now?":
  - heading "Take Pine Team live now?" [level=2]
  - button "Close"
  - paragraph: /It was scheduled for .* It starts at once instead/
  - button "Keep it"
  - button "Go live now"
`;
export const move = `
- dialog "Move the go-live of Pine Team":
  - heading "Move the go-live of Pine Team" [level=2]
  - button "Close"
  - textbox "When"
  - button "In an hour"
  - button "Tomorrow 9:00"
  - group "Date and time":
    - spinbutton "month, Date and time"
    - spinbutton "day, Date and time"
    - spinbutton "year, Date and time"
    - spinbutton "hour, Date and time"
    - spinbutton "minute, Date and time"
    - button "Calendar Date and time"
  - group:
    - combobox "Time zone": Berlin
    - button "Show suggestions Time zone"
  - status:
    - paragraph: /09:00 in Europe\\/Berlin \\(UTC\\+02:00\\), which is 07:00 UTC/
  - button "Cancel"
  - button /^Move to .*, 09:00$/
`;
export const cancel = `
- alertdialog "Cancel the go-live of Pine Team?":
  - heading "Cancel the go-live of Pine Team?" [level=2]
  - button "Close"
  - paragraph: It won’t run. Nothing has been written to live.
  - button "Keep it"
  - button "Cancel go-live"
`;
export const newOrder = `
- dialog "New test order":
  - heading "New test order" [level=2]
  - button "Close"
  - textbox "Customer"
  - textbox "Email address"
  - group:
    - combobox "Add a price"
  - textbox "Your order number"
  - checkbox "Hold the money, capture it later Cards hold it for about 7 days."
  - button "Cancel"
  - button "Create order"
`;
export const refund = `
- alertdialog /^Refund order \\d+$/:
  - heading /^Refund order \\d+$/ [level=2]
  - button "Close"
  - textbox "Amount in USD": "37.00"
  - combobox "Reason for Stripe":
    - option "The customer asked for it" [selected]
    - option "Paid twice"
    - option "Fraud"
    - option "None"
  - status:
    - paragraph: The customer gets $37.00 back to Card •••• 0077. It usually takes 5 to 10 days.
    - paragraph: "Stripe keeps its fee of $1.37: you aren’t given it back."
  - button "Cancel"
  - button "Refund $37.00"
`;
export const fulfil = `
- alertdialog /^Mark order \\d+ fulfilled\\?$/:
  - heading /^Mark order \\d+ fulfilled\\?$/ [level=2]
  - button "Close"
  - paragraph: The customer has what they bought. The order completes 30 days later unless it’s refunded or disputed.
  - button "Keep it"
  - button "Mark fulfilled"
`;
export const capture = `
- alertdialog /^Capture order \\d+\\?$/:
  - heading /^Capture order \\d+\\?$/ [level=2]
  - button "Close"
  - paragraph: $37.00 is held. What you capture is charged; what’s left is released to the customer at once.
  - textbox "Amount in USD": "37.00"
  - button "Keep it"
  - button "Capture $37.00"
`;
export const cancelOrder = `
- alertdialog /^Cancel order \\d+\\?$/:
  - heading /^Cancel order \\d+\\?$/ [level=2]
  - button "Close"
  - paragraph: Its checkout closes first. If the customer pays at the same moment, the payment wins and the order isn’t cancelled.
  - textbox "Why"
  - button "Keep it"
  - button "Cancel order"
`;
export const submit = `
- alertdialog "Submit this answer to the bank?":
  - heading "Submit this answer to the bank?" [level=2]
  - button "Close"
  - paragraph: "It’s final: the bank decides by it, and you can’t add anything later."
  - button "Go on writing"
  - button "Submit to the bank"
`;
export const review = `
- dialog "Take Pine Enterprise live":
  - heading "Take Pine Enterprise live" [level=2]
  - button "Close"
  - region "Checks":
    - heading "Checks" [level=3]
    - group: All checks passed
  - region "2 changes in live":
    - heading "2 changes in live" [level=3]
  - button "Make 2 changes live"
`;
