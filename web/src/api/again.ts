/**
 * Asks again, one at a time. Who wants to know while an answer is on its way, their own or one that somebody else
 * has asked for, is told by one more: it may be from before.
 */
export function oneAtATime(ask: () => Promise<unknown>): (onItsWay?: boolean) => void {
  let asking = false;
  let due = false;
  return function again(onItsWay = false) {
    due = asking || onItsWay;
    if (asking) return;
    asking = true;
    const over = () => {
      asking = false;
      if (due) again();
    };
    ask().then(over, over);
  };
}
