// SluiceRedis owns all that speaks to a Redis server: the connection, the text of its protocol, the meaning of its error
// replies, and on top of them the sink. It refuses to know what rows are for, how fast they may go and when to try
// again: that is the gateway's. `SluiceService` and the tests import it; no other adapter does.
