public import SluiceCore

/// What a Mongo sink is told of its deployment.
public struct MongoSinkConfiguration: Sendable, Hashable {
    /// `mongodb://…`, with credentials where they are needed. Write concern, retries and time-outs in it are overruled.
    public var uri: Secret
    public var database: String
    /// How long an answer may take; held below 10 s, so that a drain does not wait for a server that is gone. Replicas
    /// are waited for half as long.
    public var timeout: Duration

    public init(uri: Secret, database: String, timeout: Duration = .seconds(5)) {
        self.uri = uri
        self.database = database
        self.timeout = timeout
    }
}
