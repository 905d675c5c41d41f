extension RedisSink {
    /// The compare-and-set of many rows in one call. Keys are the rows' hashes; the arguments of each row are
    ///
    ///     expiry in ms since 1970 or '' | number of arguments that follow | '_v' | version | field | value | …
    ///
    /// It answers one character per row: `a`pplied, `s`tale, `d`uplicate, or `x` for a key that is no hash; where there
    /// are any `x`, an array of that text and their errors.
    ///
    /// Versions are compared as text: Lua's numbers are doubles and would lose their order. A refusal to write (no
    /// memory, a read-only replica) ends the call with that error; rows before it stay applied, and are duplicates when
    /// the batch is written again. The content is set before anything is taken away, so that such an end never leaves a
    /// row without its version; only where fields remain that the new row has not, it is set anew from nothing.
    /// `unpack` cannot put more than 8,000 values on Lua's stack.
    static let script = """
        local call = redis.call
        local function set(key, first, last)
            for from = first, last, 4000 do
                call('HSET', key, unpack(ARGV, from, math.min(from + 3999, last)))
            end
        end
        local verdicts, errors, at = {}, {}, 1
        for row, key in ipairs(KEYS) do
            local expiry, first, last, version = ARGV[at], at + 2, at + 1 + ARGV[at + 1], ARGV[at + 3]
            local stored = redis.pcall('HGET', key, '_v')
            if type(stored) == 'table' then
                verdicts[row] = 'x'
                errors[#errors + 1] = stored
            elseif stored == version then
                verdicts[row] = 'd'
            elseif stored and stored > version then
                verdicts[row] = 's'
            else
                set(key, first, last)
                if call('HLEN', key) * 2 ~= last - first + 1 then
                    call('DEL', key)
                    set(key, first, last)
                end
                if expiry ~= '' then
                    call('PEXPIREAT', key, expiry)
                elseif stored then
                    call('PERSIST', key)
                end
                verdicts[row] = 'a'
            end
            at = last + 1
        end
        local text = table.concat(verdicts)
        if #errors == 0 then return text end
        return {text, unpack(errors)}
        """
}
