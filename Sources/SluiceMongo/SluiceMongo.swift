// SluiceMongo owns all that speaks to MongoDB: the client, BSON as far as rows and replies need it, the meaning of
// server errors, and on top of them the sink. It refuses to know what rows are for, how fast they may go and when to
// try again: that is the gateway's. `SluiceService` and the tests import it; no other adapter does.
