import ArgumentParser
import SluiceService

/// Runs something of the service's; what goes wrong is told in one line, and ends the command.
func reporting<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as ServiceError {
        Terminal.note("error: \(error.reason)")
        throw error.isConfiguration ? ExitCode.badConfiguration : ExitCode.failure
    }
}

/// The same, of something that suspends.
func reporting<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as ServiceError {
        return try reporting { throw error }
    }
}
