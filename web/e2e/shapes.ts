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
    - radio "Hold it and ask It waits until someone has looked. Nothing goes live that nobody has seen." [checked]
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
export const stop = `
- alertdialog "Stop the go-live of Pine Enterprise?":
  - heading "Stop the go-live of Pine Enterprise?" [level=2]
  - button "Close"
  - paragraph: The call to Stripe that’s running now is finished. Then every change is undone, step by step, and live is as it was before.
  - button "Keep going"
  - button "Stop and undo"
`;
export const rollBack = `
- alertdialog "Roll back Pine Enterprise":
  - heading "Roll back Pine Enterprise" [level=2]
  - text: This puts live back to how it was before this go-live.
  - button "Close"
  - list:
    - listitem:
      - text: Archive Pine Enterprise
      - term: Active
      - definition:
        - deletion: "Yes"
        - insertion: "No"
      - term: Default price
      - definition:
        - deletion: /price_/
        - insertion: nothing
    - listitem:
      - text: Archive Enterprise yearly
      - term: Active
      - definition:
        - deletion: "Yes"
        - insertion: "No"
  - button "Keep it live"
  - button "Roll back 2 changes"
`;
export const connect = `
- dialog "Connect Stripe test":
  - heading "Connect Stripe test" [level=2]
  - button "Close"
  - text: Secret or restricted key
  - textbox "Secret or restricted key"
  - text: Starts with sk_test_ or rk_test_. It’s stored sealed and never shown again.
  - checkbox "Test and live are different accounts Allow this if test is a sandbox of the live account."
  - text: Test and live are different accounts Allow this if test is a sandbox of the live account.
  - button "Cancel"
  - button "Check key"
`;
export const origins = `
- dialog "Addresses of test checkouts":
  - heading "Addresses of test checkouts" [level=2]
  - button "Close"
  - text: Where customers may be sent back to
  - textbox "Where customers may be sent back to"
  - text: One address a line, such as https://shop.example.com. Golive’s own page always works.
  - button "Cancel"
  - button "Save"
`;
export const disable = `
- alertdialog "Disable live payments?":
  - heading "Disable live payments?" [level=2]
  - button "Close"
  - paragraph: New orders and payments are refused within a second. Open payments settle, and nothing is deleted.
  - text: Why, for the audit log
  - textbox "Why, for the audit log"
  - button "Keep them on"
  - button "Disable payments" [disabled]
  - paragraph: "Say why: the audit log keeps it."
`;
export const remove = `
- alertdialog "Remove Vik?":
  - heading "Remove Vik?" [level=2]
  - button "Close"
  - paragraph: They lose access at once, and their tokens are revoked. What they have scheduled fails unless someone else moves it.
  - button "Keep"
  - button "Remove"
`;
export const revoke = `
- alertdialog "Revoke Nightly?":
  - heading "Revoke Nightly?" [level=2]
  - button "Close"
  - paragraph: Whatever uses it stops working within 5 seconds.
  - button "Keep"
  - button "Revoke"
`;
