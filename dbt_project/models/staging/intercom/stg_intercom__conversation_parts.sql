{{ stage_intercom_parts('conversation_parts', 'conversation_id') }}
