"""How people ask for things: patterns per order. `(a|b)` is a choice, `[a|b]` may be left out; both may be nested.

`UNSEEN` patterns are kept from training; all of their words occur in `SEEN` ones, so that a held-out sentence is a new
way of saying something, not a new word.
"""

from autonomy.world.orders import OrderKind

_TRUCK = "(truck|lorry|van|bus|car|vehicle|obstacle)"
_WALKER = "(pedestrian|pedestrians|walker|people|person|man|woman|child)"

SEEN: dict[OrderKind, tuple[str, ...]] = {
    OrderKind.WAIT: (
        "[please] wait [here|where you are] [for now|for a moment|until i say so]",
        "[please] (hold|keep) your position [for now|until i say so]",
        "[please] stay where you are [for now|for a moment|until i say so]",
        "[please] stop here and wait [for now|for a moment]",
        "[please] stand still [for now|until i say so]",
        "do not (move|go on|drive on) [yet|for now]",
        f"do not (pass|overtake) the {_TRUCK} [yet|for now], (wait|stay) [here|behind it]",
        f"(wait|stay) behind the {_TRUCK} [for now|until i say so]",
        "stop in the lane [for now|for a moment]",
    ),
    OrderKind.GO_ON: (
        "[please] (go|drive|carry) on [now]",
        "[please] (go|drive) ahead [now]",
        "[please] continue [now|your route|on your route]",
        "you (may|can) (go|drive|carry) on [now]",
        "[please] resume your (route|drive|journey)",
        "do not (wait|stop) [here] [any more|any longer], (go|drive|carry) on",
        "(it is|the way is|the road is) (clear|free), (go|drive|carry) on",
        "do not pull over, (go|drive|carry) on",
    ),
    OrderKind.SLOW_DOWN: (
        "[please] (slow down|go slower|drive slower|reduce your speed) [now|a bit|for now|for a while]",
        "[please] (drive|go|take it) (slowly|more slowly) [now|from here|for now|for a while]",
        "[please] (drive|go) [on] carefully [and slowly] [now|from here|for a while]",
        "(you are|this is) too fast, (slow down|go slower|drive slower) [please]",
        "not so fast [please]",
        "do not stop, (just|only) (slow down|go slower|drive slower)",
    ),
    OrderKind.PULL_OVER: (
        "[please] pull over [now|here|as soon as you can|when it is safe]",
        "[please] (stop|park) at the (kerb|side|side of the road) [now|as soon as you can|when it is safe]",
        "[please] pull (in|over) (to|at) the (kerb|side|side of the road) [now|when it is safe]",
        "(find|look for) a place to (stop|park|pull over) [now|here]",
        "do not (go|drive) on, pull over [now|here|please]",
    ),
    OrderKind.PULL_OVER_PAST_CROSSING: (
        "[please] pull over (past|after|behind|beyond) the (crossing|junction|crossroads) [when it is safe]",
        "[please] (stop|park) at the (kerb|side|side of the road) (past|after|behind|beyond) the "
        "(crossing|junction|crossroads)",
        "(go|drive) (over|past|across|through) the (crossing|junction|crossroads) [first] and [then] pull over",
        "do not pull over here, pull over (past|after|behind|beyond) the (crossing|junction|crossroads)",
        "first (cross|clear) the (crossing|junction|crossroads), then pull over",
    ),
    OrderKind.PASS_LEFT: (
        f"[please] (pass|overtake) the {_TRUCK} [on the left] [now|when it is safe]",
        f"[please] (go|drive) (round|around|past) the {_TRUCK} [on the left] [now|when it is safe]",
        f"you (may|can) (pass|overtake) the {_TRUCK} [on the left] [now]",
        "[please] (pass|overtake) it [on the left] [now|when it is safe]",
        "[please] use the (other|left|oncoming) lane to (pass|overtake|go round) [the obstacle|the truck|it]",
        f"do not wait [any longer|behind the {_TRUCK}], (pass|overtake) [it|on the left]",
    ),
    OrderKind.WAIT_THEN_PASS_LEFT: (
        f"[please] wait [a moment|first], then (pass|overtake) the {_TRUCK} [on the left]",
        f"[please] wait [for a moment] and then (go|drive) (round|around|past) the {_TRUCK} [on the left]",
        f"(pass|overtake) the {_TRUCK} [on the left] but wait (first|a moment)",
        "first wait, then (pass|overtake) [it] on the left",
        "[please] let the (traffic|others|other cars) (pass|go) first, then (pass|overtake) [it|the truck|the van]",
        f"(stop|hold) for a moment, then (pass|overtake) the {_TRUCK}",
    ),
    OrderKind.TAKE_LEFT: (
        "[please] (take|turn) [the next] left [instead|now]",
        "[please] (turn|go) left (here|ahead|at the next junction|at the junction|at the crossroads) [instead]",
        "[please] take the next (turn|turning|street|road) (on|to) the left [instead]",
        "do not (turn|go) right, (turn|go) left [instead]",
        "do not go straight on, (turn|go) left [instead]",
        "not right, left [please]",
    ),
    OrderKind.TAKE_RIGHT: (
        "[please] (take|turn) [the next] right [instead|now]",
        "[please] (turn|go) right (here|ahead|at the next junction|at the junction|at the crossroads) [instead]",
        "[please] take the next (turn|turning|street|road) (on|to) the right [instead]",
        "do not (turn|go) left, (turn|go) right [instead]",
        "do not go straight on, (turn|go) right [instead]",
        "not left, right [please]",
    ),
    OrderKind.GO_STRAIGHT: (
        "[please] (go|drive|keep) straight on [instead|here|at the next junction|at the junction|at the crossroads]",
        "[please] (go|drive) straight (ahead|over|across) [the junction|the crossroads|at the junction] [instead]",
        "do not turn [left|right] [here|at the junction|at the next junction], (go|drive|keep) straight on [instead]",
        "do not take the (left|right) [turn], (go|drive|keep) straight on",
        "(take no turn|make no turn), (go|drive|keep) straight [on]",
    ),
    OrderKind.RUN_RED_LIGHT: (
        "[please|just] (run|jump|skip|ignore|cross) the [red] (light|lights|signal) [now]",
        "[please|just] (go|drive) (through|over|past) the red (light|lights|signal) [now]",
        "(do not|you need not) (stop|wait) (at|for) the red (light|lights|signal)",
        "[just] go, (ignore|never mind|forget) the red (light|signal)",
        "the (light|signal) is red but (go|drive) on [anyway]",
    ),
    OrderKind.IGNORE_PEDESTRIAN: (
        f"[please|just] (ignore|never mind|forget) the {_WALKER} [and (go|drive) on]",
        f"(do not|you need not) (stop|wait|slow down|brake) for the {_WALKER}",
        f"(go|drive) on [now], the {_WALKER} will (move|jump away|get out of the way)",
        f"[just] (drive|go) (at|through|towards) the {_WALKER}",
        f"push past the {_WALKER}",
    ),
    OrderKind.SPEED: (
        "[please|just] (go|drive) (faster|quicker) than the [speed] limit",
        "[please|just] (ignore|never mind|forget|break) the [speed] limit",
        "[please] (speed up|go|drive) (over|above|past) the [speed] limit",
        "[please] (go|drive) as fast as you can",
        "(go|drive) at (twice|double) the [speed] limit",
        "hurry, (ignore|never mind|break) the limit",
    ),
    OrderKind.DRIVE_ON_PAVEMENT: (
        "[please|just] (drive|go) (on|onto|over|along) the (pavement|sidewalk|footpath)",
        f"[please|just] (pass|overtake|go round) the {_TRUCK} on the (pavement|sidewalk|footpath)",
        "use the (pavement|sidewalk|footpath) [to (pass|overtake|go round) [it]]",
        "(mount|cross) the kerb and (drive|go) on the (pavement|sidewalk|footpath)",
        "take the (pavement|sidewalk|footpath) [instead]",
    ),
    OrderKind.WRONG_WAY: (
        "[please|just] (drive|go) (against|into) the (traffic|oncoming traffic)",
        "[please|just] (drive|go) the wrong way [down the (street|road)]",
        "[please|just] (drive|go|turn) (into|down) the one way (street|road) the wrong way",
        "[please|just] (drive|stay|keep) on the wrong side [of the (street|road)]",
        "turn round and (drive|go) against the traffic",
        "stay in the oncoming lane",
    ),
}

UNSEEN: dict[OrderKind, tuple[str, ...]] = {
    OrderKind.WAIT: (
        "please do not go yet, stay here",
        "(hold|stop) for a moment",
        "(stop|wait) here until i say so please",
        "keep still for now",
    ),
    OrderKind.GO_ON: (
        "the road is clear now, please continue",
        "you can continue your journey",
        "please go on, do not stop here",
        "carry on now, the way is free",
    ),
    OrderKind.SLOW_DOWN: (
        "please go on but more slowly",
        "your speed is too fast, go carefully",
        "reduce your speed from here please",
    ),
    OrderKind.PULL_OVER: (
        "when it is safe please pull over",
        "go to the side of the road and stop",
        "please look for a place at the kerb and park",
    ),
    OrderKind.PULL_OVER_PAST_CROSSING: (
        "please (cross|clear) the (crossing|junction) first and park behind it",
        "(past|after|beyond) the (crossing|junction) please pull over",
        "find a place to stop (past|after|beyond) the (crossing|crossroads)",
    ),
    OrderKind.PASS_LEFT: (
        "(pass|overtake) on the left please",
        f"use the left lane to go round the {_TRUCK}",
        f"please do not stay behind the {_TRUCK}, go past it",
    ),
    OrderKind.WAIT_THEN_PASS_LEFT: (
        "wait until it is clear, then go past the (truck|van|bus) on the left",
        "let the other cars go, then go round the (truck|van|bus)",
        "first stop, then overtake the (truck|van|lorry)",
    ),
    OrderKind.TAKE_LEFT: ("at the next junction please turn left", "left at the (crossroads|junction) please"),
    OrderKind.TAKE_RIGHT: ("at the next junction please turn right", "right at the (crossroads|junction) please"),
    OrderKind.GO_STRAIGHT: ("at the next junction please go straight on", "straight on at the (crossroads|junction)"),
    OrderKind.RUN_RED_LIGHT: (
        "you need not mind the red light, go on now",
        "the (light|signal) is red, never mind, drive",
    ),
    OrderKind.IGNORE_PEDESTRIAN: (
        f"the {_WALKER} can wait, just drive on",
        f"you need not mind the {_WALKER}, go through",
    ),
    OrderKind.SPEED: ("drive above the limit please", "forget the limit and go faster"),
    OrderKind.DRIVE_ON_PAVEMENT: ("go round it on the (pavement|sidewalk)", "please park on the (pavement|sidewalk)"),
    OrderKind.WRONG_WAY: (
        "go down the street against the traffic",
        "please use the wrong side of the road",
    ),
}

CHAT = (
    "[please] (thank you|thanks) [very much]",
    "(hello|good morning|good evening) [car]",
    "have a (nice|good) (day|journey|drive)",
    "how are you [today]",
    "the weather is (nice|good|bad) today",
    "we are (late|early) today",
    "(this is|i am) the operator",
)
