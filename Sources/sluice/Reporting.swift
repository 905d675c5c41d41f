import ArgumentParser
import SluiceService

/// Runs something of the service's; what goes wrong is told in one line, and ends the command.
func reporting<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as ServiceError {
        throw report(error)
    }
}

/// The same, of something that suspends.
func reportingAsync<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as ServiceError {
        throw report(error)
    }
}

private func report(_ error: ServiceError) -> ExitCode {
    Terminal.note("error: \(error.reason)")
    return error.isConfiguration ? .badConfiguration : .failure
}
